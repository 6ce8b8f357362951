"""What lending is: money, decisions, the life of a loan. No ports, no clock, no randomness."""
