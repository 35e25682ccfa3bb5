import Glibc
import TestSupport
import Testing

@testable import Charts

@Suite struct GnuplotScriptTests {
  @Test(arguments: nastyTexts)
  func textsAreLiteral(text: String) {
    let quoted = GnuplotScript.quoted(text)
    #expect(quoted.hasPrefix("'") && quoted.hasSuffix("'"))
    let inner = quoted.dropFirst().dropLast()
    #expect(!inner.contains("'"))
    #expect(inner.count == text.count)
    let unbroken = !quoted.unicodeScalars.contains { $0.value < 0x20 }
    #expect(unbroken)
  }

  @Test func numbersThatCannotBeDrawnAreMissing() {
    var script = GnuplotScript(lineChart())
    let name = script.data([[1, .nan, .infinity, -.infinity, 1e-300]])
    #expect(script.text(.svg).contains("\(name) << EOD\n1.0 NaN NaN NaN 1e-300\nEOD\n"))
  }

  @Test func scriptsNameNoFileWhilePiped() {
    for chart in everyKind("x") {
      let script = GnuplotScript(chart)
      #expect(!script.text(.svg).contains("set output"))
      #expect(script.file(named: "a-1_b.c").contains("set output 'a-1_b.c.' . format"))
    }
  }

  @Test func rowsAreTheOnesOfTheChart() {
    let script = GnuplotScript(heatMap()).text(.png)
    // Cells without a number are no boxes: four of six remain, of seven numbers each.
    let boxes = script.split(separator: "\n").filter { $0.split(separator: " ").count == 7 }
    let numbers = boxes.filter { $0.split(separator: " ").allSatisfy { Double($0) != nil } }
    #expect(numbers.count == 4)
  }

  @Test(
    arguments: [
      ([1, 2, 4], [0.5, 1.5, 3, 5]), ([3], [2.5, 3.5]), ([], []),
    ] as [([Double], [Double])])
  func cellsMeetHalfWay(centres: [Double], edges: [Double]) {
    #expect(HeatMap.edges(centres) == edges)
  }
}

@Suite(.enabled(if: Gnuplot() != nil)) struct GnuplotTests {
  @Test(arguments: nastyTexts)
  func everyKindIsDrawnWithAnyText(text: String) throws {
    let folder = TemporaryFolder()
    for (i, chart) in everyKind(text).enumerated() {
      let files = try chart.write(into: folder.path, named: "chart\(i)", formats: [.svg])
      let picture = try readText(try #require(files.pictures.first))
      #expect(picture.hasSuffix("</svg>\n\n"))
    }
    #expect(folder.files.count == 8)
    let pwned = access("pwned", F_OK) == 0
    #expect(!pwned)
  }

  @Test func textsReachThePicture() throws {
    let folder = TemporaryFolder()
    let title = "½ it's `x` 50 %d {a}_1"
    let files = try barChart(title).write(into: folder.path, named: "bars", formats: [.svg])
    let picture = try readText(try #require(files.pictures.first))
    // Title, caption, axis, category; a single series has no legend.
    #expect(picture.split(separator: "½ it’s `x` 50 %d {a}_1").count == 5)
  }

  @Test(arguments: [[], [Point(1, .nan)], [Point(2, 5)], [Point(2, 0), Point(3, -1)]])
  func chartsWithLittleData(points: [Point]) throws {
    let folder = TemporaryFolder()
    let files = try lineChart(points: points).write(into: folder.path, named: "few")
    #expect(files.pictures.count == 2)
    _ = try heatMap(cells: [[nil, nil, nil], [nil, nil, nil]])
      .write(into: folder.path, named: "none")
  }

  @Test func missingNumbersInterruptALine() throws {
    let folder = TemporaryFolder()
    // A path of SVG begins a new line with M.
    let lines = try [2.0, .nan].map { middle in
      let points = [0, 1, middle, 3, 4].enumerated().map { Point(Double($0), $1) }
      let chart = LineChart(
        title: "t", x: Axis("x", range: 0...4), y: Axis("y", range: 0...4),
        series: [Series("s", points, style: .plainLine)])
      let files = try chart.write(into: folder.path, named: "gap", formats: [.svg])
      return try readText(try #require(files.pictures.first)).filter { $0 == "M" }.count
    }
    #expect(lines[1] == lines[0] + 1)
  }

  @Test func scriptsDrawTheSamePicture() throws {
    let folder = TemporaryFolder()
    let files = try stemChart().write(into: folder.path, named: "stems", formats: [.svg])
    let program = try #require(Gnuplot()).path
    #expect(shell("cd \(folder.path) && mv stems.svg first && \(program) -d stems.gp") == 0)
    #expect(try readText(folder.path + "/stems.svg") == readText(folder.path + "/first"))
    #expect(files.script == folder.path + "/stems.gp")
    #expect(shell("cd \(folder.path) && \(program) -d -e \"format='png'\" stems.gp") == 0)
    #expect(folder.files == ["first", "stems.gp", "stems.png", "stems.svg"])
  }

  @Test func faultsOfGnuplotAreTold() throws {
    let folder = TemporaryFolder()
    var script = GnuplotScript(lineChart())
    script.add("nonsense")
    let target = folder.path + "/x.svg"
    let gnuplot = try #require(Gnuplot())
    let error = #expect(throws: ChartError.self) { try gnuplot.draw(script, as: .svg, to: target) }
    #expect(error?.description.contains("invalid command") == true)
    #expect(folder.files.isEmpty)
  }

  private func shell(_ command: String) -> Int32 {
    var child: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(command)]
    arguments.append(nil)
    defer { for text in arguments { free(text) } }
    guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, nil) == 0 else { return -1 }
    var status: Int32 = 0
    return waitpid(child, &status, 0) == child ? status : -1
  }
}

@Suite struct MissingGnuplotTests {
  @Test func theScriptIsKeptWithAHint() throws {
    let folder = TemporaryFolder()
    let files = try lineChart().write(into: folder.path, named: "line", with: nil)
    #expect(folder.files == ["line.gp"])
    #expect(files.hint?.hasSuffix("gnuplot \(folder.path)/line.gp") == true)
  }

  /// No picture was asked for: nothing is missing.
  @Test func nothingIsMissing() throws {
    let folder = TemporaryFolder()
    for gnuplot in [nil, Gnuplot(path: "/no/gnuplot")] {
      let files = try lineChart().write(
        into: folder.path, named: "line", with: gnuplot, formats: [])
      #expect(files.hint == nil && files.pictures.isEmpty)
    }
  }

  @Test func aProgramThatDoesNotStart() {
    let folder = TemporaryFolder()
    #expect(throws: ChartError.self) {
      try lineChart().write(into: folder.path, named: "line", with: Gnuplot(path: "/no/gnuplot"))
    }
    #expect(folder.files == ["line.gp"])
  }

  @Test func aFolderThatCannotBeMade() {
    let error = #expect(throws: ChartError.self) {
      try lineChart().write(into: "/dev/null/x", named: "line")
    }
    #expect(error?.description.hasPrefix("cannot write /dev/null/x: ") == true)
  }
}
