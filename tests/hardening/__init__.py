"""Every stack, as others' tools judge its security."""
