# Picture of stress.sh: gnuplot -e "folder='auli_stress.out'" stress.gp  ->  FOLDER/stress.png
if (!exists("folder")) folder = "auli_stress.out"
set terminal pngcairo size 900,600 font ",13"
set output folder."/stress.png"
stats folder."/line.dat" using 1 nooutput
rate = STATS_min
stats folder."/line.dat" using 2 nooutput
steepness = STATS_min
set xlabel "stress across the interface (GPa; > 0: compression; measured)"
set ylabel "rate of the mixing fraction (1/ps)"
set yrange [0:*]
set grid
set key bottom right
plot folder."/stress.dat" using 5:3:6:4 with xyerrorbars pointtype 7 pointsize 1.4 linewidth 2 linecolor rgb "#4c2a85" title "mean of the seeds", \
     rate * exp(steepness * x) with lines linewidth 2 linecolor rgb "#d4a017" title "exponential fit"
