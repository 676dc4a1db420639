"""The staff's side of the gateway: sign-in, the desk, insight, retention. See `docs/staff-console.md`."""
