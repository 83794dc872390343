"""The checks of `supply`: advisories, the bill of materials, licences."""
