"""What staff are told outside of calls: by e-mail and by a webhook. Nothing here knows what is told."""
