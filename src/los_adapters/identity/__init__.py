"""PAN and Aadhaar e-KYC; one file per vendor."""
