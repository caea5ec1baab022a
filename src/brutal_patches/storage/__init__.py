"""DynamoDB, and the only room that knows it: what it offers is values in, values out, and DomainErrors."""
