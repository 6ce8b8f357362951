"""What answers show: allow-lists, each with the plain function that makes it of a domain value.

PAN, phone, account numbers and Aadhaar are masked here always. Amounts are paise; none exceeds
2⁵³, as no amount in the domain does. Rates and percentages are text.
"""
