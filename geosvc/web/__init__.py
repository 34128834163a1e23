"""Requests and answers: the only room that imports flask."""
