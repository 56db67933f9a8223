"""The ways out of the house: how one letter is delivered; knows no case, no database, no page."""
