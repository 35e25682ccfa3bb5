public import SparseCore

/// One of N equal shares of folds, draws or observations, for machines that know nothing of each other.
///
/// What a share has solved is in its checkpoint. ``PathsCheckpoint/init(merging:)`` makes one of all shares, from which
/// the whole goes on as if it had solved them itself.
public struct PathShare: Sendable, Equatable, CustomStringConvertible {
  /// Which share, from zero.
  public let index: Int
  /// How many there are.
  public let count: Int

  /// All of the work.
  public static let whole = PathShare(0, of: 1)

  /// Share `index`, from zero, of `count`.
  ///
  /// - Precondition: 0 ≤ index < count.
  public init(_ index: Int, of count: Int) {
    precondition((0..<count).contains(index), "share \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// Whether member `number`, from zero, is one of this share.
  public func contains(_ number: Int) -> Bool { number % count == index }

  /// `i/N`, counted from one.
  public var description: String { "\(index + 1)/\(count)" }

  private static let factName = "share"

  /// What the checkpoint of a share says beside what all of them say.
  ///
  /// - Parameter paths: how many paths a member solves.
  func facts(pathsInMember paths: Int = 1) -> [ProblemFact] {
    self == .whole ? [] : [ProblemFact(Self.factName, "\(self) of members with \(paths) paths")]
  }

  /// What a checkpoint says of its share, or nil where it is none.
  static func read(_ facts: [ProblemFact]) -> (share: PathShare, paths: Int)? {
    guard let fact = facts.last, fact.name == factName else { return nil }
    let numbers = fact.value.split { !$0.isNumber }.compactMap { Int($0) }
    guard numbers.count == 3, numbers[0] > 0, numbers[0] <= numbers[1], (1...2).contains(numbers[2])
    else { return nil }
    return (PathShare(numbers[0] - 1, of: numbers[1]), numbers[2])
  }
}

extension PathsCheckpoint {
  /// What several shares of one run have solved.
  ///
  /// Of folds and draws those up to the first that is in no share, in their order; of observations all. What a share
  /// had under way is left out.
  ///
  /// - Throws: ``RecoveryError/invalidOption(name:value:expected:)`` for shares of different runs, and for one that is
  ///   there twice.
  public init(merging shares: [PathsCheckpoint]) throws(RecoveryError) {
    let count = shares.map(\.paths.count).max() ?? 0
    var paths: [PathCheckpoint] = []
    for place in 0..<count {
      let parts = shares.compactMap { place < $0.paths.count ? $0.paths[place] : nil }
        .filter { $0.path != .nothing }
      guard let first = parts.first else {
        paths.append(PathCheckpoint(path: .nothing))
        continue
      }
      for part in parts.dropFirst() { try first.path.facts.requireSame(as: part.path.facts) }
      paths.append(
        PathCheckpoint(
          path: parts.map(\.path).max { $0.finishedCount < $1.finishedCount } ?? first.path,
          validation: try CompositeCheckpoint(merging: parts.compactMap(\.validation)),
          resampling: try CompositeCheckpoint(merging: parts.compactMap(\.resampling))))
    }
    self.init(paths)
  }
}

extension CompositeCheckpoint {
  /// Nil of none.
  fileprivate init?(merging checkpoints: [CompositeCheckpoint]) throws(RecoveryError) {
    guard let first = checkpoints.first else { return nil }
    guard let (share, paths) = PathShare.read(first.facts) else {
      // Of observations, each of which belongs to one share as a whole.
      guard checkpoints.count == 1 else {
        throw Self.refusal("the whole and shares of it", share: nil)
      }
      self = first
      return
    }
    let common = Array(first.facts.dropLast())
    var results: [Int: [[UInt64]]] = [:]
    for checkpoint in checkpoints {
      guard let own = PathShare.read(checkpoint.facts), own.share.count == share.count,
        own.paths == paths
      else { throw Self.refusal("shares of another number", share: share) }
      try common.requireSame(as: Array(checkpoint.facts.dropLast()))
      guard results[own.share.index] == nil else {
        throw Self.refusal("share \(own.share) twice", share: share)
      }
      results[own.share.index] = checkpoint.results
    }
    var merged: [[UInt64]] = []
    // Member after member, as the shares go round.
    members: for number in 0... {
      let own = results[number % share.count] ?? []
      for path in 0..<paths {
        let place = number / share.count * paths + path
        guard place < own.count else { break members }
        merged.append(own[place])
      }
    }
    self.init(
      facts: common, finishedCount: merged.count, finished: merged.flatMap(\.self),
      elapsed: checkpoints.map(\.elapsed).max() ?? .zero, underWay: [], latestSupport: [])
  }

  /// What each member found, its number of words included.
  private var results: [[UInt64]] {
    var (results, place) = ([[UInt64]](), 0)
    while place < finished.count, finished[place] < UInt64(finished.count - place) {
      let end = place + 1 + Int(finished[place])
      results.append(Array(finished[place..<end]))
      place = end
    }
    return results
  }

  private static func refusal(_ found: String, share: PathShare?) -> RecoveryError {
    .invalidOption(
      name: "checkpoint", value: found,
      expected: share.map { "each of \($0.count) shares once" } ?? "shares of one run")
  }
}
