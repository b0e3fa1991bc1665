// One import for the whole library: server, client, stores, and what they stand on.
@_exported public import PondClient
@_exported public import PondCore
@_exported public import PondNet
@_exported public import PondRedis
@_exported public import PondRuntime
@_exported public import PondSQLite
@_exported public import PondServer
