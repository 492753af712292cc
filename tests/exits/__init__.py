"""`make exits`: the unchanged project under CDK Terrain and under AWS provider 6 makes what it makes today."""
