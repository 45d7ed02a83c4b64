"""Crawls in a real headless Chromium."""
