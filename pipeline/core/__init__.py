"""The ground every other room stands on: data types, contracts, bounded channels, clocks."""
