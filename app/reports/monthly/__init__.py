"""月度通报: the month's numbers gathered once, and written as docx, as xlsx and on the page."""
