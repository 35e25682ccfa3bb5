import SparseCore

/// When gradients come from cached Gram columns, D Aᵀ r = D Aᵀ y − G_S c, instead of a pass over A.
public enum GramUse: String, Sendable, Codable, CaseIterable {
  /// Always a pass over A.
  case never
  /// Where all columns needed are in the cache already.
  case whenCached
  /// Wherever the digits of the residual survive; missing columns are computed.
  case always
}

/// The most memory for products of columns.
final class MemoryBudget {
  /// As given, or a quarter of what the machine had left when this was first asked: many a small solve never does.
  private(set) lazy var bytes = given ?? max(AvailableMemory.bytes / 4, Self.least)

  private let given: Int?

  /// A ridge and signs take gradients from Gram columns where nothing else was asked for.
  private static var least: Int { 64 << 20 }

  init(_ bytes: Int?) { given = bytes }
}

/// The Gram columns D Aᵀ a_j of atoms that were in a support, on the engine. The one unused for
/// longest makes way.
final class GramCache {
  /// How many columns fit.
  var capacity: Int { budget.bytes / Self.columnBytes(engine) }
  /// The most bytes that the columns may take.
  var bytes: Int { capacity * Self.columnBytes(engine) }
  /// How many times A was read.
  private(set) var passes = 0

  /// The most bytes to keep.
  let budget: MemoryBudget

  private let engine: any Engine
  private let atoms: Atoms
  private var columns: [Int: (vector: EngineVector, lastUse: Int)] = [:]
  /// The columns that were computed together, as often as any of them is still here: the last
  /// bits of a column depend on its batch.
  private var batches: [[Int]] = []
  private var clock = 0
  private var gathered: [EngineVector] = []

  init(_ engine: any Engine, atoms: Atoms, budget: MemoryBudget) {
    self.engine = engine
    self.atoms = atoms
    self.budget = budget
  }

  private static func columnBytes(_ engine: any Engine) -> Int {
    engine.columns * engine.precision.byteCount
  }

  /// Whether every column of `support` is here.
  func holds(_ support: [Int]) -> Bool { support.allSatisfy { columns[$0] != nil } }

  /// Makes all columns to be computed again.
  func removeAll() {
    columns.removeAll()
    batches.removeAll()
  }

  /// The columns of `support`, in its order; the missing ones are computed, as many in a pass over
  /// A as the engine takes residuals.
  ///
  /// - Parameter candidates: atoms likely to be needed soon, to fill a pass that is made anyway.
  /// - Throws: ``RecoveryError/cacheTooSmall(needed:given:)`` when the support alone does not fit.
  func load(
    _ support: [Int],
    candidates: () throws(RecoveryError) -> [Int] = { () throws(RecoveryError) in [] }
  ) throws(RecoveryError) -> [EngineVector] {
    guard support.count <= capacity else {
      let bytes = Self.columnBytes(engine)
      throw .cacheTooSmall(needed: support.count * bytes, given: capacity * bytes)
    }
    clock += 1
    for j in support { columns[j]?.lastUse = clock }
    var missing = support.filter { columns[$0] == nil }
    if !missing.isEmpty {
      // A pass with few residuals costs nearly as much as one with many.
      let wanted = Set(support)
      let room = min(
        capacity - support.count,
        (engine.residualsInPass - missing.count % engine.residualsInPass) % engine.residualsInPass)
      missing += try candidates().filter {
        !wanted.contains($0) && columns[$0] == nil && atoms.isUsable($0)
      }.prefix(room)
      for first in stride(from: 0, to: missing.count, by: engine.residualsInPass) {
        try compute(missing[first..<min(first + engine.residualsInPass, missing.count)])
      }
    }
    return support.compactMap { columns[$0]?.vector }
  }

  private func compute(_ missing: ArraySlice<Int>) throws(RecoveryError) {
    var targets: [EngineVector] = []
    for place in missing.indices {
      let target =
        if let spare = makeRoom(besides: place - missing.startIndex) { spare } else {
          try engine.makeVector(.correlation)
        }
      targets.append(target)
    }
    try correlate(missing, into: targets)
    passes += 1
    for (j, vector) in zip(missing, targets) { columns[j] = (vector, clock) }
    batches.removeAll { $0.allSatisfy { columns[$0] == nil } }
    batches.append(Array(missing))
  }

  private func correlate(
    _ atoms: some Collection<Int>, into targets: [EngineVector]
  ) throws(RecoveryError) {
    while gathered.count < atoms.count { gathered.append(try engine.makeVector(.residual)) }
    let residuals = Array(gathered.prefix(atoms.count))
    try engine.write(
      atoms.map { (j) throws(RecoveryError) in self.atoms.pulledBack(try self.atoms.atom(j)) },
      to: residuals)
    try engine.correlate(residuals, into: targets)
  }

  /// Once the cache is full, `arriving` columns included, takes out the one unused for longest, to
  /// be written over.
  private func makeRoom(besides arriving: Int) -> EngineVector? {
    guard columns.count + arriving >= capacity,
      let oldest = columns.min(by: {
        ($0.value.lastUse, $0.key) < ($1.value.lastUse, $1.key)
      })
    else { return nil }
    columns[oldest.key] = nil
    return oldest.value.vector
  }

  // MARK: As a checkpoint keeps it

  /// Writes which columns are here, when they were used last, and in which batch they were computed: the
  /// columns themselves are computed again, with the same bits.
  func write(to writer: inout StateWriter) {
    // A column that made way and came back belongs to the latest of its batches.
    var owners: [Int: Int] = [:]
    for (place, batch) in batches.enumerated() { for j in batch { owners[j] = place } }
    writer.write(clock)
    writer.write(Array(batches.enumerated())) { writer, batch in
      writer.write(batch.element)
      writer.write(
        batch.element.map { j in owners[j] == batch.offset ? columns[j]?.lastUse ?? -1 : -1 })
    }
  }

  /// Reads all that: a pass over A for each batch.
  func restore(from reader: inout StateReader) throws(RecoveryError) {
    removeAll()
    let clock = try reader.int(in: 0...(1 << 62))
    let (most, last) = (engine.residualsInPass, engine.columns - 1)
    let kept = try reader.array { (reader) throws(RecoveryError) in
      let batch = try reader.ints(in: 0...last)
      try reader.require(
        batch.count <= most && Set(batch).count == batch.count
          && batch.allSatisfy(atoms.isUsable))
      return (batch, try reader.ints(count: batch.count, in: -1...clock))
    }
    for (batch, uses) in kept {
      var targets: [EngineVector] = []
      for _ in batch { targets.append(try engine.makeVector(.correlation)) }
      try correlate(batch, into: targets)
      for (place, use) in uses.enumerated() where use >= 0 && columns.count < capacity {
        columns[batch[place]] = (targets[place], use)
      }
    }
    (batches, self.clock) = (kept.map(\.0), clock)
  }
}
