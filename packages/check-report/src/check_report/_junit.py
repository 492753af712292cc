"""A report as JUnit's XML: a test case a check, a failure an error, an error what is unreadable."""

from xml.etree import ElementTree as ET

from check_report.lines import sentence
from check_report.model import Level, Report
from check_report.printable import printable_ascii

_RESULTS = {Level.ERROR: "failure", Level.UNREADABLE: "error"}


def render(report: Report) -> str:
    """Return one test suite; warnings and notes are the output of a test case that passes."""
    checks = list(report.checks)
    levels = [check.level for check in checks]
    counts = {"tests": len(levels), "errors": levels.count(Level.UNREADABLE), "failures": levels.count(Level.ERROR)}
    attributes = {key: str(count) for key, count in counts.items()}
    if report.seconds is not None:
        attributes["time"] = f"{report.seconds:.3f}"
    suites = ET.Element("testsuites", attributes)
    suite = ET.SubElement(suites, "testsuite", {"name": printable_ascii(report.target), **attributes})
    for check in checks:
        class_name = ".".join(filter(None, (check.type, check.subject)))
        name = check.aspect or check.rule or "exists"
        case = ET.SubElement(
            suite, "testcase", {"name": printable_ascii(name), "classname": printable_ascii(class_name)}
        )
        if result := _RESULTS.get(check.level):
            ET.SubElement(case, result, {"message": sentence(check), "type": check.rule or check.level})
        elif check.level is not Level.OK:
            ET.SubElement(case, "system-out").text = f"{check.level}: {sentence(check)}"
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}'
