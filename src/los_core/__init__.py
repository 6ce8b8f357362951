"""The pure part of LOS: domain, ports and services, with no input or output."""
