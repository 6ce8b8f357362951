"""Signing and sealing shared by the adapters of one vendor that serves several ports."""
