"""The admin's pages: who gets in, what they show, what they refuse."""
