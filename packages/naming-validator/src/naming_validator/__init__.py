"""Naming validator for AWS resources: Terraform JSON, HCL, plans and Python source, against AWS's rules and yours."""
