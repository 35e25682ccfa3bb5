# Draw again with: gnuplot amd-epyc-end-to-end.gp
set encoding utf8
set terminal svg size 960,720 noenhanced font 'DejaVu Sans,14' background 'white'
set output 'amd-epyc-end-to-end.svg'
set grid linecolor '#dddddd' linetype 1
set border linecolor '#444444'
$series0 << EOD
0.0 0.016459081 0.016265342
1.0 0.369734061 0.326428137
2.0 2.548285272 2.541680276
3.0 10.56059685483871 10.364426016129032
4.0 50.848552424999994 50.211107399999996
EOD
$series1 << EOD
0.0 0.012282491 0.012081181
1.0 0.12387997799999999 0.117329234
2.0 0.485826228 0.444218797
3.0 0.775366283 0.764996421
4.0 7.559416296999999 7.559416296999999
EOD
$series2 << EOD
0.0 0.007982877 0.007822619
1.0 0.041027807 0.040722372
2.0 0.140007815 0.133683067
3.0 0.456299954 0.433498889
4.0 3.017642284 3.017642284
EOD
$series3 << EOD
0.0 0.116491526 0.105713937
1.0 0.582353999 0.574986392
2.0 2.887537856 2.753079004
3.0 11.204146483870968 11.103991209677421
4.0 55.62320082500001 55.218943450000005
EOD
$series4 << EOD
0.0 0.108377493 0.100104207
1.0 0.387585951 0.351459904
2.0 0.844120749 0.813094878
3.0 1.67797475 1.67797475
4.0 8.093099887000001 8.093099887000001
EOD
$series5 << EOD
0.0 0.010185278 0.010092905
1.0 0.05288843 0.051955761
2.0 0.146680723 0.142697661
3.0 0.497483888 0.484215174
4.0 2.775088721 2.775088721
EOD
set title 'SEA from zero: median time of an iteration'
set logscale y
set xrange [-0.4:4.4]
set xtics ("250 × 1000\nk = 10" 0, "500 × 5000\nk = 25" 1, "1000 × 10000\nk = 50" 2, "2000 × 20000\nk = 50" 3, "4000 × 50000\nk = 100" 4)
set format y '%g'
set xlabel "\nproblem: rows × columns of A, and columns to select\n "
set ylabel 'time per iteration (ms)'
set key below vertical maxcols 1 Left reverse
plot $series0 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 7 dashtype 1 linecolor '#0072B2' title 'cpu, AMD EPYC, double, direct', \
  $series1 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 4 dashtype 2 linecolor '#0072B2' title 'cpu, AMD EPYC, double, gram', \
  $series2 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 9 dashtype 3 linecolor '#0072B2' title 'cpu, AMD EPYC, double, blocked', \
  $series3 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 7 dashtype 1 linecolor '#D55E00' title 'opencl, pthread-skylake-avx512-AMD EPYC, double, direct', \
  $series4 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 4 dashtype 2 linecolor '#D55E00' title 'opencl, pthread-skylake-avx512-AMD EPYC, double, gram', \
  $series5 using 1:2 with linespoints linewidth 2 pointsize 1.2 pointtype 9 dashtype 3 linecolor '#D55E00' title 'opencl, pthread-skylake-avx512-AMD EPYC, double, blocked'
