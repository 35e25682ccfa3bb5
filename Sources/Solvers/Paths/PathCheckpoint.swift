/// Where a path and what follows it stand: in the path, behind it in cross-validation, or in the draws behind both.
public struct PathCheckpoint: SolverCheckpoint {
  /// The path.
  public let path: CompositeCheckpoint
  /// The folds, once the path has ended.
  public let validation: CompositeCheckpoint?
  /// The draws, once the folds have ended.
  public let resampling: CompositeCheckpoint?

  /// Of a path, of the folds behind it, and of the draws.
  public init(
    path: CompositeCheckpoint, validation: CompositeCheckpoint? = nil,
    resampling: CompositeCheckpoint? = nil
  ) {
    self.path = path
    self.validation = validation
    self.resampling = resampling
  }

  /// The words of one behind those of the other. Where there are draws and no folds, an empty checkpoint stands in
  /// the place of the folds.
  public var words: [UInt64] {
    let folds = validation ?? (resampling == nil ? nil : .nothing)
    return path.words + (folds?.words ?? []) + (resampling?.words ?? [])
  }

  /// Whether it is of a path at all: of several observations some may belong to other shares.
  public var hasBegun: Bool { path != .nothing }

  /// That of the latest.
  public var latestSupport: [Int] { (resampling ?? validation ?? path).latestSupport }

  /// Reads all of them.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    let parts = try CompositeCheckpoint.all(bytes)
    guard parts.count <= 3 else { throw .damaged(expected: "the end", found: "more") }
    self.init(parts)
  }

  /// A path, folds and draws; fewer where the last have not begun.
  fileprivate init(_ parts: [CompositeCheckpoint]) {
    func part(_ place: Int) -> CompositeCheckpoint? {
      place < parts.count && parts[place] != .nothing ? parts[place] : nil
    }
    self.init(path: parts[0], validation: part(1), resampling: part(2))
  }
}

/// Where the paths of several observations stand, or the one path of all.
public struct PathsCheckpoint: SolverCheckpoint {
  /// One for each observation up to the last whose path has begun.
  public private(set) var paths: [PathCheckpoint]

  /// Of some paths.
  public init(_ paths: [PathCheckpoint]) { self.paths = paths }

  /// Says where the path of an observation stands; those before it that are not there have not begun.
  public mutating func set(_ path: PathCheckpoint, at place: Int) {
    while paths.count <= place { paths.append(PathCheckpoint(path: .nothing)) }
    paths[place] = path
  }

  /// Three checkpoints for each path, empty ones for what has not begun: for one path at least, since a share may have
  /// nothing to do.
  public var words: [UInt64] {
    (paths.isEmpty ? [PathCheckpoint(path: .nothing)] : paths).flatMap { path in
      [path.path, path.validation, path.resampling].flatMap { ($0 ?? .nothing).words }
    }
  }

  /// That of the latest.
  public var latestSupport: [Int] { paths.last?.latestSupport ?? [] }

  /// Reads all of them.
  public init(bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    let parts = try CompositeCheckpoint.all(bytes)
    guard parts.count % 3 == 0 else {
      throw .damaged(expected: "three checkpoints for each path", found: "\(parts.count)")
    }
    paths = stride(from: 0, to: parts.count, by: 3).map {
      PathCheckpoint(Array(parts[$0..<$0 + 3]))
    }
  }
}

extension CompositeCheckpoint {
  /// Of no solve.
  static let nothing = CompositeCheckpoint(
    facts: [], finishedCount: 0, finished: [], elapsed: .zero, underWay: [], latestSupport: [])

  /// The checkpoints that stand one behind another, at least one.
  fileprivate static func all(
    _ bytes: UnsafeRawBufferPointer
  ) throws(CheckpointError) -> [CompositeCheckpoint] {
    var parts: [CompositeCheckpoint] = []
    var rest = bytes
    repeat {
      let count = byteCount(of: rest)
      parts.append(try CompositeCheckpoint(bytes: UnsafeRawBufferPointer(rebasing: rest[..<count])))
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    } while !rest.isEmpty
    return parts
  }
}
