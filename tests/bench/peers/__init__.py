"""The programs that the benchmark runs; each is one file, run by the interpreter that has what it imports.

`PROGRAM dev staging prod` makes a stack for each environment, `PROGRAM 100` one stack of a hundred job pipelines.
A pipeline is what the requirement asks for: two queues, table, bucket and two alarms.
"""
