import SparseRecovery

/// One or more values of one factor.
struct Term: Sendable {
  /// The place of the factor.
  let place: Int
  /// The places of the values.
  let values: Set<Int>

  /// These values.
  init<F: Factor>(_ values: [F]) {
    place = Row.place(of: F.self)
    self.values = Set(values.compactMap { F.allCases.firstIndex(of: $0) })
  }

  /// These values.
  static func a<F: Factor>(_ values: F...) -> Term { Term(values) }
  /// Every value but these.
  static func not<F: Factor>(_ values: [F]) -> Term {
    Term(F.allCases.filter { !values.contains($0) })
  }
}

/// Values of two or more factors that do not go together.
struct Rule: Sendable {
  let terms: [Term]
  /// The names of the errors by which they are refused; none where they are no combination at all.
  let errors: [String]

  init(_ terms: Term..., refusedBy errors: String...) {
    self.terms = terms
    self.errors = errors
  }

  /// Whether a row holds all of them. A factor without a value holds none.
  func matches(_ numbers: [Int?]) -> Bool {
    terms.allSatisfy { term in numbers[term.place].map(term.values.contains) ?? false }
  }
}

extension Rule {
  /// What is no combination: an option that a method does not have, or columns that are not there.
  static let impossible: [Rule] = {
    let started = Method.named("sea", "els", "ompr", "splicing")
    let graded = Method.named("sea", "omp", "portfolio")
    return [
      Rule(.not(started), .not([Start.own])),
      Rule(Term(Method.named("els", "ompr", "splicing")), .a(Start.zero, .correlation)),
      Rule(Term(Method.named("ompr", "splicing")), .a(Start.vector)),
      Rule(.not(graded), .not([GradientWay.auto])),
      Rule(Term(Method.named("omp")), .a(GradientWay.gram)),
      Rule(.not(Method.joint), .a(Observations.joint)),
      Rule(Term(Method.joint), .not([Observations.joint])),
      Rule(.not([Method.portfolio]), .not([Search.normal])),
      Rule(.a(Sparsity.included), .a(Include.none)),
      Rule(.a(Kind.oneColumn), .a(Include.two)),
      // A table holds numbers, or nothing.
      Rule(.a(Entries.table, .gaps, .few), .a(Weights.zeroNaN, .zeroInfinity)),
      Rule(.not([Entries.table, .gaps]), .not([Writing.commas])),
      // Inner products say nothing of other losses.
      Rule(.a(Entries.few), .not([Minimised.squares])),
      Rule(Term(Method.joint + [.path]), .a(Others.alternatives)),
      Rule(.a(Observations.several), .a(Others.alternatives)),
    ]
  }()

  /// What is refused, and how. Everything else must be accepted.
  static let refused: [Rule] = {
    // Those in which SEA explores.
    let exploring = Method.named("sea", "portfolio")
    let plainOnly = Method.named(
      "ols", "els", "iht", "niht", "aiht", "fhtp", "cosamp", "joint ols", "joint els")
    let apart = Algorithm.namesForAnyLoss + [Method.portfolio, .path].map(\.rawValue)
    let ofAnyLoss = apart + apart.map { "joint \($0)" }
    let ofSquares = Method.allCases.filter { !ofAnyLoss.contains($0.rawValue) }
    let inGroups =
      Algorithm.all.filter { $0.solver(Limits()).recoversGroups }.map(\.name)
      + [Method.portfolio, .path].map(\.rawValue)
    let ofGroups = inGroups + inGroups.map { "joint \($0)" }
    let ofColumns = Method.allCases.filter { !ofGroups.contains($0.rawValue) }
    return [
      Rule(Term(ofSquares), .not([Minimised.squares]), refusedBy: "unsupportedModel"),
      // Steps that are no projections, and gains in closed form.
      Rule(Term(plainOnly), .not([Ridge.none]), refusedBy: "unsupportedModel"),
      Rule(Term(plainOnly), .a(Signs.nonnegative), refusedBy: "unsupportedModel"),
      Rule(.a(Signs.nonnegative), .a(Include.two), refusedBy: "invalidOption"),
      Rule(Term(ofColumns), .not([Groups.none]), refusedBy: "unsupportedModel"),
      Rule(Term(ofColumns), .a(Entries.complex), refusedBy: "unsupportedModel"),
      Rule(.a(Entries.complex), .not([Centre.none]), refusedBy: "invalidOption"),
      Rule(.a(Entries.complex), .a(Signs.nonnegative), refusedBy: "invalidOption"),
      Rule(.a(Entries.complex), .not([Minimised.squares]), refusedBy: "invalidOption"),
      Rule(.a(Signs.nonnegative), .not([Groups.none]), refusedBy: "invalidOption"),
      // A product with zero would not hide what is not finite where entries are not in memory.
      Rule(
        .a(Entries.columns, .sparse, .complex), .a(Weights.zeroNaN, .zeroInfinity),
        refusedBy: "nonFiniteMatrix"),
      Rule(.a(Place.reference), .a(Digits.single), refusedBy: "precisionUnsupported"),
      // Fewer than the two columns included, which are one group, and more than one column.
      Rule(.a(Sparsity.one), .a(Include.two), .a(Groups.none), refusedBy: "invalidOption"),
      Rule(
        .a(Sparsity.two, .three, .four), .a(Kind.oneColumn),
        refusedBy: "sparsityOutOfRange", "invalidOption"),
      // Nothing to select: every column is excluded, or what an intercept leaves of one row.
      Rule(.a(Kind.oneColumn), .a(Exclude.some), refusedBy: "noUsableColumn", "invalidOption"),
      Rule(
        .a(Kind.oneRow), .not([Centre.none]), .a(Include.none), refusedBy: "noUsableColumn"),
    ]
  }()
}
