"""Tests that drive a real Chromium against a server of their own."""
