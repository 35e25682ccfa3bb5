/// Uses a value without looking at it, so that the work that made it is not optimised away.
@inline(never) @_optimize(none)
func blackHole<Value>(_ value: Value) {}
