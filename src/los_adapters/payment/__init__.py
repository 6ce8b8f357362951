"""Money in: links, orders, mandates' debits and their webhooks; one file per gateway."""
