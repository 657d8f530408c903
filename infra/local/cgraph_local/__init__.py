"""The local cloud: runs template.yaml on this machine with real services.

From top to bottom; a package imports only packages below it.

cli, commands     the command `cgraph`
cloud             the local cloud, assembled from its parts: `cgraph run`
cost, imports, api_documents    tools beside it: cost model, importers, API documents
demo              demo accounts and the placeholders of sample events
gateway, triggers API Gateway; SQS pollers, S3 notifications and schedules
host              the Lambda host: runs functions in execution environments
template          reads template.yaml
services          Postgres, Valkey and the emulator of SQS and S3
core              home, process identity, console, logs, client of a running cloud
"""
