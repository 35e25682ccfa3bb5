import CSparseRecovery
import SparseCore
import SparseRecovery
import Synchronization

/// A ``ReducedTable`` that any thread may take rows into.
private final class SharedTable: Sendable {
  let table: Mutex<ReducedTable>

  init(_ table: ReducedTable) { self.table = Mutex(table) }

  var value: ReducedTable { table.withLock { $0 } }
}

private func shared(_ table: OpaquePointer?) throws(CallError) -> SharedTable {
  guard let table else { throw .null("table") }
  return object(table)
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_reduced_create(
  _ columns: Int64, _ observations: Int64, _ table: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
  status { () throws(CallError) in
    guard let table else { throw .null("table") }
    for (name, count) in [("columns", columns), ("observations", observations)] {
      guard count >= 1, count <= mostColumns else {
        throw .argument(name, "\(count)", "a number from 1 to \(mostColumns)")
      }
    }
    table.pointee = handle(
      SharedTable(ReducedTable(columns: Int(columns), observations: Int(observations))))
  }
}

/// A triangle of so many columns has 8 GB.
private let mostColumns: Int64 = 32_000

/// As sparse_recovery.h has it.
@c @implementation
public func sr_reduced_add(
  _ table: OpaquePointer?, _ matrix: UnsafeRawPointer?, _ numberSize: Int32, _ rows: Int64,
  _ leadingDimension: Int64, _ values: UnsafePointer<Double>?, _ distance: Int64,
  _ weights: UnsafePointer<Double>?
) -> Int32 {
  status { () throws(CallError) in
    let table = try shared(table)
    let shape = table.value
    let panel = try borrowed(matrix, numberSize, rows, Int64(shape.columns), leadingDimension)
    let targets = try observations(
      values, rows: rows, count: Int64(shape.observations), leadingDimension: distance,
      expected: panel.rows)
    let weights = weights.map { Array(UnsafeBufferPointer(start: $0, count: panel.rows)) }
    try recovering { () throws(RecoveryError) in
      // Other threads may take theirs in meanwhile.
      var part = ReducedTable(columns: shape.columns, observations: shape.observations)
      try part.add(panel, observations: targets, weights: weights)
      try table.table.withLock { (whole) throws(RecoveryError) in try whole.add(part) }
    }
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_reduced_merge(_ table: OpaquePointer?, _ other: OpaquePointer?) -> Int32 {
  status { () throws(CallError) in
    let (table, other) = (try shared(table), try shared(other).value)
    try recovering { () throws(RecoveryError) in
      try table.table.withLock { (whole) throws(RecoveryError) in try whole.add(other) }
    }
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_reduced_rows(_ table: OpaquePointer?) -> Int64 {
  table.map { Int64(object($0, as: SharedTable.self).value.rows) } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_reduced_width(_ table: OpaquePointer?) -> Int64 {
  table.map { Int64(object($0, as: SharedTable.self).value.width) } ?? 0
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_reduced_contents(
  _ table: OpaquePointer?, _ matrix: UnsafeMutablePointer<Double>?,
  _ observations: UnsafeMutablePointer<Double>?, _ weight: UnsafeMutablePointer<Double>?
) -> Int32 {
  status { () throws(CallError) in
    let table = try shared(table).value
    for (name, isNull) in [
      ("matrix", matrix == nil), ("observations", observations == nil), ("weight", weight == nil),
    ] where isNull { throw .null(name) }
    guard let matrix, let observations, let weight else { return }
    let contents = try recovering { () throws(RecoveryError) in try table.contents() }
    let rows = contents.matrix.rows
    for j in 0..<table.columns {
      contents.matrix.copyColumn(j, times: 1, to: matrix + j * rows)
    }
    for (place, y) in contents.observations.enumerated() {
      (observations + place * rows).update(from: y, count: rows)
    }
    weight.pointee = contents.weight
  }
}

/// As sparse_recovery.h has it.
@c @implementation
public func sr_reduced_destroy(_ table: OpaquePointer?) { release(table, as: SharedTable.self) }
