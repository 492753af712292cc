"""One report of a check in five forms, and text from outside that is safe to print.

`check_report.model` has the report, `check_report.forms` its forms, `check_report.printable` the escapes,
`check_report.toml_file` a reader of TOML. Nothing is
imported here: a program that only prints loads only that.
"""
