"""Estimates from figures: effects with their doubt, and models of how customers buy. Numbers here are floats, and numeric
libraries may be used: only the analyst and commands import this, never what a till waits for.
"""
