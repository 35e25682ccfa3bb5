import Glibc
import LeastSquares
public import SparseCore

/// Where a solve stands between two steps, as a checkpoint keeps it.
public protocol IterationState {
  /// Writes all of it.
  ///
  /// - Throws: what the engine throws.
  func write(to writer: inout StateWriter) throws(RecoveryError)

  /// Reads what ``write(to:)`` wrote.
  ///
  /// What stands in a checkpoint may be anything: what is read by the methods of the reader is checked by
  /// them, and what must hold beside is checked here, by ``StateReader/require(_:)``.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for what no solve can have come to.
  init(from reader: inout StateReader) throws(RecoveryError)
}

/// Writes the state of a solver.
public struct StateWriter {
  /// What the solve works on.
  public let workspace: Workspace
  private var writer = WordWriter()

  init(_ workspace: Workspace) { self.workspace = workspace }

  var words: [UInt64] { writer.words }

  /// A number.
  public mutating func write(_ number: Int) { writer.write(number) }
  /// A number, to the bit.
  public mutating func write(_ number: Double) { writer.write(number) }
  /// Yes or no.
  public mutating func write(_ flag: Bool) { writer.write(flag ? 1 : 0) }
  /// Numbers.
  public mutating func write(_ numbers: [Int]) { writer.write(numbers) }
  /// Numbers, to the bit.
  public mutating func write(_ numbers: [Double]) { writer.write(numbers) }

  /// A sparse vector.
  public mutating func write(_ x: SparseVector) {
    write(x.support)
    write(x.coefficients)
  }

  /// A point of the search.
  public mutating func write(_ x: Iterate) {
    write(x.vector)
    write(x.residual)
    write(x.residualNorm)
    write(x.method)
    write(x.isGramAccurate)
  }

  mutating func write(_ method: ProjectionMethod?) {
    write(method.flatMap { ProjectionMethod.allCases.firstIndex(of: $0) } ?? -1)
  }

  /// Supports, in an order that does not depend on that of the set.
  public mutating func write(_ supports: Set<[Int]>) {
    write(supports.sorted { $0.lexicographicallyPrecedes($1) }) { $0.write($1) }
  }

  /// The number of elements, then the elements.
  public mutating func write<Element>(
    _ elements: [Element], _ writeElement: (inout StateWriter, Element) -> Void
  ) {
    write(elements.count)
    for element in elements { writeElement(&self, element) }
  }

  /// Whether there is a value, then the value.
  public mutating func write<Value>(
    ifAny value: Value?, _ writeValue: (inout StateWriter, Value) -> Void
  ) {
    write(value.map { [$0] } ?? [], writeValue)
  }

  /// What a random sequence goes on with.
  public mutating func write(_ generator: SeededGenerator) {
    for word in generator.words { writer.write(word) }
  }

  mutating func write(_ arrangement: Projector.Arrangement) { arrangement.write(to: &writer) }
}

/// Reads the state of a solver, and refuses what no solve can have come to.
public struct StateReader {
  /// What the solve works on.
  public let workspace: Workspace
  /// k, the most groups of atoms of a support: ``Search/groupCount``.
  public let groupCount: Int
  /// The most atoms of a support.
  public let atomCount: Int
  private let words: [UInt64]
  private var place = 0
  private let contradiction: RecoveryError

  init(
    _ words: [UInt64], _ workspace: Workspace, _ search: Search, _ contradiction: RecoveryError
  ) {
    self.words = words
    self.workspace = workspace
    (groupCount, atomCount) = (search.groupCount, search.atomCount)
    self.contradiction = contradiction
  }

  var isAtEnd: Bool { place == words.count }

  /// Refuses the checkpoint unless something holds.
  public func require(_ holds: Bool) throws(RecoveryError) {
    guard holds else { throw contradiction }
  }

  private mutating func word() throws(RecoveryError) -> UInt64 {
    try require(place < words.count)
    defer { place += 1 }
    return words[place]
  }

  private mutating func count() throws(RecoveryError) -> Int {
    try int(in: 0...(words.count - place))
  }

  /// A number in a range.
  public mutating func int(in range: ClosedRange<Int>) throws(RecoveryError) -> Int {
    let number = Int(Int64(bitPattern: try word()))
    try require(range.contains(number))
    return number
  }

  /// A number, which may be infinite but is one.
  public mutating func double() throws(RecoveryError) -> Double {
    let number = Double(bitPattern: try word())
    try require(!number.isNaN)
    return number
  }

  /// Yes or no.
  public mutating func flag() throws(RecoveryError) -> Bool { try int(in: 0...1) == 1 }

  /// `count` numbers in a range, or any number of them.
  public mutating func ints(
    count: Int? = nil, in range: ClosedRange<Int>
  ) throws(RecoveryError) -> [Int] {
    let numbers = try array { (reader) throws(RecoveryError) in try reader.int(in: range) }
    try require(numbers.count == count ?? numbers.count)
    return numbers
  }

  /// `count` finite numbers.
  public mutating func vector(_ count: Int) throws(RecoveryError) -> [Double] {
    let numbers = try array { (reader) throws(RecoveryError) in try reader.double() }
    try require(numbers.count == count && numbers.allSatisfy(\.isFinite))
    return numbers
  }

  /// At most `most` atoms that may be selected, in ascending order.
  public mutating func support(atMost most: Int) throws(RecoveryError) -> [Int] {
    let columns = workspace.problem.columns
    let support = try array { (reader) throws(RecoveryError) in
      try reader.int(in: 0...columns - 1)
    }
    try require(support.count <= most && workspace.problem.isSupport(support))
    return support
  }

  /// A vector with at most `most` nonzeros in every plane.
  public mutating func sparseVector(atMost most: Int) throws(RecoveryError) -> SparseVector {
    let support = try support(atMost: most)
    return SparseVector(
      support: support, coefficients: try vector(support.count * workspace.problem.planes))
  }

  /// Vectors of n numbers on the engine, one for every plane.
  mutating func correlations() throws(RecoveryError) -> [EngineVector] {
    let (engine, problem) = (workspace.engine, workspace.problem)
    let numbers = try vector(problem.columns * problem.planes)
    let vectors = try workspace.makeCorrelations()
    try engine.write(problem.planes(of: numbers), to: vectors)
    return vectors
  }

  /// A point of the search with at most `most` atoms.
  public mutating func iterate(atMost most: Int) throws(RecoveryError) -> Iterate {
    let x = try sparseVector(atMost: most)
    let residual = try vector(workspace.problem.rows * workspace.problem.planes)
    let norm = try double()
    return Iterate(
      x, residual: residual, residualNorm: norm, method: try method(), isGramAccurate: try flag())
  }

  mutating func method() throws(RecoveryError) -> ProjectionMethod? {
    let method = try int(in: -1...ProjectionMethod.allCases.count - 1)
    return method < 0 ? nil : ProjectionMethod.allCases[method]
  }

  /// Supports of at most `most` atoms.
  public mutating func supports(atMost most: Int) throws(RecoveryError) -> Set<[Int]> {
    Set(
      try array { (reader) throws(RecoveryError) in try reader.support(atMost: most) })
  }

  /// As many elements as the number before them says, each of a word at least.
  public mutating func array<Element>(
    _ readElement: (inout StateReader) throws(RecoveryError) -> Element
  ) throws(RecoveryError) -> [Element] {
    let count = try count()
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try readElement(&self)) }
    return elements
  }

  /// A value, or nil.
  public mutating func optional<Value>(
    _ readValue: (inout StateReader) throws(RecoveryError) -> Value
  ) throws(RecoveryError) -> Value? {
    try flag() ? try readValue(&self) : nil
  }

  /// What a random sequence goes on with.
  public mutating func generator() throws(RecoveryError) -> SeededGenerator {
    let words = [try word(), try word(), try word(), try word()]
    try require(words.contains { $0 != 0 })
    return SeededGenerator(words: words)
  }

  mutating func arrangement(atMost most: Int) throws(RecoveryError) -> Projector.Arrangement {
    let atoms = try array { (reader) throws(RecoveryError) in
      try reader.int(in: 0...reader.workspace.problem.columns - 1)
    }
    let arrangement = Projector.Arrangement(
      atoms: atoms, gram: try vector(atoms.count * (atoms.count + 1) / 2))
    try require(arrangement.isPossible(workspace.problem, atMost: most))
    return arrangement
  }
}
