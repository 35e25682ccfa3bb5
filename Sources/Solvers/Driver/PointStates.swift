public import SparseCore

/// A state that is a point of the search and nothing else.
public struct PointState: IterationState {
  /// The latest point.
  public var x: Iterate

  /// At a point.
  public init(_ x: Iterate) { self.x = x }

  /// At x = 0.
  ///
  /// - Throws: what ``Workspace/nullModel()`` throws.
  public init(_ workspace: Workspace) throws(RecoveryError) { self.init(try workspace.nullModel()) }

  /// Writes the point.
  public func write(to writer: inout StateWriter) { writer.write(x) }

  /// Reads a point of any number of atoms.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    x = try reader.iterate(atMost: reader.workspace.problem.columns)
  }
}

/// A state of a search in which a point depends on a set of atoms alone, so that it ends where one comes back.
public struct VisitingState: IterationState {
  /// The latest point.
  public var x: Iterate
  /// The sets of atoms that were there.
  public var visited: Set<[Int]> = []

  /// At x = 0.
  ///
  /// - Throws: what ``Workspace/nullModel()`` throws.
  public init(_ workspace: Workspace) throws(RecoveryError) { x = try workspace.nullModel() }

  /// Writes the point and the sets.
  public func write(to writer: inout StateWriter) {
    writer.write(x)
    writer.write(visited)
  }

  /// Reads a point and sets of any number of atoms.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    let most = reader.workspace.problem.columns
    x = try reader.iterate(atMost: most)
    visited = try reader.supports(atMost: most)
  }
}

/// A state that begins at a point which is a candidate itself.
public struct StartedState: IterationState {
  /// The latest point.
  public var x: Iterate
  private var isNew = true

  /// At a point that was not evaluated yet.
  public init(_ x: Iterate) { self.x = x }

  /// The first step, which evaluates the start; nil behind it.
  public mutating func takeFirst() -> Step? {
    defer { isNew = false }
    return isNew ? Step(x) : nil
  }

  /// Writes the point.
  public func write(to writer: inout StateWriter) {
    writer.write(x)
    writer.write(isNew)
  }

  /// Reads a point of at most k atoms.
  public init(from reader: inout StateReader) throws(RecoveryError) {
    x = try reader.iterate(atMost: reader.atomCount)
    isNew = try reader.flag()
  }
}

extension IterativeSolver where State == PointState {
  /// x = 0, unless the solver says otherwise.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> PointState { try PointState(workspace) }
}

extension IterativeSolver where State == VisitingState {
  /// x = 0, unless the solver says otherwise.
  public func begin(
    _ workspace: Workspace, _ search: Search, observer: SolveObserver
  ) throws(RecoveryError) -> VisitingState { try VisitingState(workspace) }
}
