"""A review's forms: text for a terminal, Markdown for a pull request, HTML for a browser, JSON for programs."""
