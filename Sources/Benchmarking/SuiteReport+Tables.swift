import SparseRecovery

extension SuiteReport {
  /// The report for people, section by section. The columns of the operations are explained once.
  ///
  /// - Parameter width: how long lines of text may be; the tables may be longer.
  public func tables(width: Int = 80) -> String {
    let sections = [
      operations.enumerated().map { index, report in
        report.table(width: width, explained: index == operations.count - 1)
      },
      block(notes, width),
      section(
        "Whole solves: SEA from zero, Gaussian problems with 20 dB of noise", endToEndTable,
        Self.endToEndWords, endToEnd.notes, width),
      section(
        "Time per iteration as one size grows around the others", lawTable, Self.lawWords,
        scaling.notes, width),
      section(
        "The choice of --gradient auto", choiceTable, Self.choiceWords, gradients.notes, width),
    ]
    return sections.joined().joined(separator: "\n")
  }

  private func section(
    _ title: String, _ table: TextTable, _ words: [String], _ notes: [String], _ width: Int
  ) -> [String] {
    guard !(table.rows.isEmpty && notes.isEmpty) else { return [] }
    let prose = words.flatMap { wrapped($0, width: width, indent: 2) }
    let parts = table.rows.isEmpty ? [] : [table.lines, [""], prose]
    return block([title] + parts.joined(), .max) + block(notes, width)
  }

  private func block(_ lines: [String], _ width: Int) -> [String] {
    guard !lines.isEmpty else { return [] }
    let folded = width == .max ? lines : lines.flatMap { wrapped($0, width: width, indent: 2) }
    return [folded.joined(separator: "\n") + "\n"]
  }

  private var endToEndTable: TextTable {
    var table = TextTable(
      "problem", "engine", "gradient", "iter.", "runs", "median", "minimum", "each", "passes",
      "supports", "residual", "same", "peak", "growth")
    table.rows = endToEnd.rows.map { row in
      [
        "\(row.shape)", row.engineTitle, row.gradient.rawValue, "\(row.iterations)", "\(row.runs)",
        Figures.time(row.seconds.median), Figures.time(row.seconds.minimum),
        Figures.time(row.secondsPerIteration), "\(row.matrixPasses)", "\(row.supportsExplored)",
        Figures.number(row.relativeResidual),
        row.hasSameSupport.map { $0 ? "yes" : "no" } ?? "–",
        row.memory.map { Figures.bytes($0.peak) } ?? "–",
        row.memory.map { Figures.bytes($0.growth) } ?? "–",
      ]
    }
    return table
  }

  private static let endToEndWords = [
    "iter.: supports evaluated, fewer in direct solves of large problems",
    "each: median time divided by the iterations, the figure to compare where these differ",
    "supports: how many of those evaluated were distinct",
    "same: whether the support is that of the first engine with this gradient, after as many "
      + "iterations",
    "peak: the most of this process in memory at once, program and problem included",
    "growth: the peak less what was in memory before the matrix was loaded on the engine; memory "
      + "of a device of its own is in neither",
  ]

  private var lawTable: TextTable {
    var table = TextTable("engine", "gradient", "grows", "time each, at least", "exponent", "R²")
    table.rows = laws.map { law in
      [
        "\(law.engine.name) \(law.precision)", law.gradient.rawValue,
        "\(law.axis.rawValue) from \(law.sizes.first ?? 0) to \(law.sizes.last ?? 0)",
        [law.secondsPerIteration.first, law.secondsPerIteration.last].compactMap(\.self)
          .map(Figures.time).joined(separator: " to "),
        signed(law.law.exponent), Figures.number(law.law.determination, digits: 3),
      ]
    }
    return table
  }

  /// With two decimals and a sign where below zero.
  private func signed(_ value: Double) -> String {
    let hundredths = Int((abs(value) * 100).rounded())
    let digits = hundredths % 100
    return (value < 0 && hundredths > 0 ? "−" : "")
      + "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)"
  }

  private static let lawWords = [
    "exponent: the power of the size that the time of an iteration grows with, by least squares on "
      + "logarithms; R²: the part of the variation that it explains",
    "each: a solve divided by its iterations; those on supports visited lately cost little, and "
      + "solves with small k have many of them",
  ]

  private var choiceTable: TextTable {
    let names = choices.flatMap(\.times).map(\.gradient.rawValue).removingRepeats()
    var table = TextTable(
      ["problem", "engine", "iter."] + names + ["auto", "fastest", "ratio"])
    table.rows = choices.map { choice in
      ["\(choice.shape)", "\(choice.engine.name) \(choice.precision)", "\(choice.iterations)"]
        + names.map { name in
          choice.times.first { $0.gradient.rawValue == name }.map { Figures.time($0.seconds) }
            ?? "–"
        }
        + [
          choice.automatic.rawValue, choice.fastest.rawValue,
          Figures.number(choice.ratio, digits: 3),
        ]
    }
    return table
  }

  private static let choiceWords = [
    "ratio: the least time with the gradient that auto chooses, divided by that of the fastest"
  ]
}
