"""The certificate of the pages."""
