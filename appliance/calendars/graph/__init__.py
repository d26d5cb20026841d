"""Microsoft 365: tokens by the real msal, Microsoft Graph over HTTPS. GraphCalendar is in calendar.py."""
