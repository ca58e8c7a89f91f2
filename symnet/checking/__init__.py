"""Checking hand calculations: one module for each kind of claim."""
