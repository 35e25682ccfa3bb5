import TestSupport
import Testing

@testable import Charts

@Suite struct ReportTests {
  @Test(arguments: nastyTexts)
  func textsAreEscaped(text: String) throws {
    var report = Report(title: text, settings: [(text, text)], command: text)
    report.add(heading: text)
    report.add(paragraph: text)
    report.add(table: [text], rows: [[text]])
    let chart = lineChart(text)
    try report.add(
      chart, drawnAs: ChartFiles(script: text, pictures: [], isGnuplotMissing: true))
    #expect(!report.html.contains("<script"))
    #expect(report.html.split(separator: escaped(text)).count >= 8)
    let controls = report.html.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }
    #expect(!controls)
  }

  @Test func numbersStandToTheRight() {
    var report = Report(title: "t", settings: [], command: "c")
    report.add(table: ["name", "time"], rows: [["sea", "1.5e-3 s"], ["omp", "–"]])
    #expect(report.html.contains("<td>sea</td><td class=\"number\">1.5e-3 s</td>"))
    #expect(report.html.contains("<td>omp</td><td>–</td>"))
  }

  @Test func picturesKeepTheirNamesApart() {
    let picture = """
      <?xml version="1.0"?>
      <svg><title>Gnuplot</title><g id="gnuplot_canvas"><path id='gpPt0'/>
      <use xlink:href='#gpPt0'/><g fill="url(#p)"/></g></svg>
      """
    let first = inlined(picture, title: "a<b", number: 1)
    #expect(
      first == """
        <svg><title>a&lt;b</title><g id="chart1-gnuplot_canvas"><path id='chart1-gpPt0'/>
        <use xlink:href='#chart1-gpPt0'/><g fill="url(#chart1-p)"/></g></svg>
        """)
    #expect(inlined("no picture", title: "", number: 2) == "")
  }

  @Test(.enabled(if: Gnuplot() != nil))
  func chartsAreInThePage() throws {
    let folder = TemporaryFolder()
    var report = Report(title: "t", settings: [], command: "c")
    for name in ["one", "two"] {
      try report.add(lineChart(), drawnAs: lineChart().write(into: folder.path, named: name))
    }
    let html = report.html
    #expect(html.split(separator: "<figure><svg").count == 3)
    #expect(html.contains("chart2-gnuplot_canvas"))
    // Nothing is loaded: the only addresses are names of XML.
    let addresses = html.split(separator: "http://").dropFirst()
    #expect(addresses.allSatisfy { $0.hasPrefix("www.w3.org/") })
    #expect(!html.contains("https:") && !html.contains("src="))
  }
}
