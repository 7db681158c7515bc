"""Framewatch's pipeline: from a configuration to a running system."""
