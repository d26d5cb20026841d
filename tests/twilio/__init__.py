"""Tests of the bridge to Twilio."""
