/// How long a portfolio searches.
public enum Effort: String, Sendable, Codable, CaseIterable {
  /// Cheap solvers, one after another: a few dozen passes over A.
  case quick
  /// These, message passing, and a number of rounds of search that depends on the size of the problem:
  /// about a second of a processor where nothing ends it before.
  case normal
  /// Rounds of search until the time limit, ten seconds unless given.
  case thorough
}
