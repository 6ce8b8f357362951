"""Readers of bank statements: an embedded one for PDF files, and one that is told what to say."""
