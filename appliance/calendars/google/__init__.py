"""Google Calendar: `calendar` is the port's adapter, `line` the vendor's client below it."""
