"""Letters as PDF files: fpdf2 with fonts of our own, and a text renderer for services in memory."""
