"""Tests of the ways out of the house, against real servers on loopback."""
