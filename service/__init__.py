"""The HTTP shell: notifications and events come in, and people look after what became of them.

`app` puts it together, `webhooks` and `events` take things in, `orders`, `notifications` and
`previews` are the administration, `problems` is the only place with error status codes.
"""
