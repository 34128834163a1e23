"""What findings say, in sentences: for pages, the command line and reports.

Nothing here knows a request: what it is given are the reports of methods and rows of frames.
"""
