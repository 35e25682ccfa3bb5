import Testing

@testable import Charts

@Suite struct TextDrawingTests {
  @Test(arguments: [1, 20, 40, 79, 200], [CharacterSet.unicode, .ascii])
  func drawingsKeepTheWidth(width: Int, characters: CharacterSet) throws {
    for chart in everyKind("title") {
      guard let drawing = chart.textDrawing(width: width, characters: characters) else { continue }
      let longest = drawing.split(separator: "\n").map(\.count).max() ?? 0
      // A frame and ten columns are always there.
      #expect(longest <= max(width, 20) || width < 40)
      #expect(longest <= max(width, 64))
      if characters == .ascii { #expect(drawing.utf8.allSatisfy { $0 < 0x80 }) }
    }
  }

  @Test func barsAreAsLongAsTheirNumbers() throws {
    let chart = BarChart(
      title: "bars", caption: "of two", y: Axis("share", range: 0...1),
      categories: ["a", "bc", "d"],
      series: [Series("s", [Point(0, 1), Point(1, 0.5), Point(2, 0)])])
    let drawing = try #require(chart.textDrawing(width: 20, characters: .ascii))
    #expect(drawing == "bars\nshare\na  ######## 1\nbc #### 0.5\nd   0\nof two\n")
    let signed = BarChart(
      title: "bars", y: Axis("n"), categories: ["a", "b", "c"],
      series: [Series("s", [Point(0, 6), Point(1, -2), Point(2, 0)])])
    #expect(
      try #require(signed.textDrawing(width: 20, characters: .ascii))
        == "bars\nn\na   ####### 6\nb ## -2\nc    0\n")
    let two = BarChart(
      title: "bars", y: Axis("n"), categories: ["a"],
      series: [Series("s", [Point(0, 2)]), Series("t", [Point(0, 1)])])
    let lines = try #require(two.textDrawing(width: 20, characters: .unicode)).split(
      separator: "\n")
    #expect(lines.count == 5 && lines[2].hasPrefix("a ") && lines[3].hasPrefix("  "))
  }

  @Test func aRisingLineRises() throws {
    let chart = LineChart(
      title: "rise", x: Axis("x"), y: Axis("y"), series: [Series("a", [Point(0, 0), Point(1, 1)])])
    let drawing = try #require(chart.textDrawing(width: 25, characters: .ascii))
    let expected = """
      rise
      y
             1 |            ..o
               |         ...
           0.5 |      ...
               |   ...
             0 |o..
               +---------------
                0     0.5     1
                       x
      o a

      """
    let trimmed = drawing.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
    #expect(trimmed == expected)
  }

  @Test func shadesFollowTheCells() throws {
    let chart = HeatMap(
      title: "t", x: Axis("x"), y: Axis("y"), value: Axis("v", range: 0...1), columns: [1, 2, 3],
      rows: [1, 2], cells: [[0, 1, nil], [0.5, 2, -1]])
    let drawing = try #require(chart.textDrawing(width: 13, characters: .unicode))
    let field = drawing.split(separator: "\n").filter { $0.contains("│") }
    #expect(field.map { String($0.drop { $0 != "│" }.dropFirst()) } == ["▒█·", "·█ "])
  }

  @Test func nothingToDraw() {
    for chart in [lineChart(points: []), lineChart(points: [Point(1, -1)])] {
      #expect(chart.textDrawing(width: 40, characters: .ascii) == "line\n(no data)\n")
    }
  }

  @Test(arguments: [
    (Axis("", scale: .linear), 1.0...3.0, 2.0, 0.5),
    (Axis("", scale: .logarithmic), 1...100, 10, 0.5),
    (Axis("", scale: .linear), -1.7e308...1.7e308, 0, 0.5),
  ])
  func positions(axis: Axis, range: ClosedRange<Double>, value: Double, expected: Double) {
    #expect(abs(axis.position(of: value, in: range) - expected) <= 4 * .ulpOfOne)
    let middle = axis.middle(of: range)
    #expect(abs(middle - value) <= 4 * .ulpOfOne * max(1, abs(value)))
  }
}

@Suite struct TickTests {
  @Test(
    arguments: [
      (0.2...5.0, [0.2, 0.5, 1, 2, 5]), (1.4...4.2, [1.5, 2, 3, 4]), (79...791, [100, 200, 500]),
    ] as [(ClosedRange<Double>, [Double])])
  func narrowLogarithmicAxesHaveNumbers(range: ClosedRange<Double>, expected: [Double]) {
    #expect(Axis("", scale: .logarithmic).ticks(in: range) == expected)
    #expect(Axis("").ticks(in: range) == nil)
    #expect(Axis("", scale: .logarithmic, ticks: [7]).ticks(in: range) == [7])
  }

  @Test func wideAxesAreLeftToGnuplot() {
    #expect(Axis("", scale: .logarithmic).ticks(in: 1e-9...1) == nil)
  }

  @Test(arguments: [-1200...900.0, -3...5.2, 0...1, -0.31...0.07, 2...2.5])
  func everyPanelHasThreeNumbers(range: ClosedRange<Double>) {
    let step = StemChart.tickStep(range)
    let count = (-10_000...10_000).count { range.contains(Double($0) * step) }
    #expect((3...7).contains(count), "\(count) multiples of \(step)")
  }
}
