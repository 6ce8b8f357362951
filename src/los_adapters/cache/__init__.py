"""Answers kept for a while: in the process, or shared by several."""
