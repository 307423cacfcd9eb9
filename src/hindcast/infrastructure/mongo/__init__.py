"""The document store of a team: MongoDB, through Beanie; nobody else imports either."""
