# Results of Préau, read with R (base only): the three figures of results.ipynb, as PNG files.
#
#     preau run --set size=0.01 --replications 10
#     preau sweep idf-gate --set size=0.01
#     cd notebooks-out && Rscript results.R                     # or: Rscript results.R RUN SWEEP FIGURES
#
# RUN is the folder of a run, SWEEP the folder "results" of a sweep, FIGURES where the pictures go.

args <- commandArgs(trailingOnly = TRUE)
given <- function(i, otherwise) if (length(args) >= i) args[i] else otherwise
run <- given(1, "2021-04-06")
sweep <- given(2, file.path("idf-gate", "results"))
figures <- given(3, ".")
dir.create(figures, showWarnings = FALSE, recursive = TRUE)

read <- function(folder, file) {
  path <- file.path(folder, file)
  made <- if (folder == sweep) "`preau sweep` (its folder `results`)" else "`preau run`"
  if (!file.exists(path)) stop(path, " is not there: give a folder that ", made, " wrote", call. = FALSE)
  read.csv(path, check.names = FALSE, stringsAsFactors = FALSE, na.strings = "")
}
# Colours that people who confuse red and green can tell apart (Okabe and Ito).
blue <- "#0072b2"; sky <- "#56b4e9"; orange <- "#e69f00"; vermilion <- "#d55e00"; purple <- "#b5668f"; soft <- "#5b6269"
picture <- function(name, width = 900, height = 480) {
  png(file.path(figures, name), width = width, height = height, res = 110, type = if (capabilities("cairo")) "cairo" else "Xlib")
  par(mar = c(4.2, 4.6, 2.6, 1), las = 1, bty = "l", col.axis = soft, cex = 0.9, font.main = 2, adj = 0.5)
}
big <- function(x) trimws(formatC(x, format = "fg", big.mark = ",", digits = 10))

# 1. Replications: what is chance?
runs <- read(run, "runs.csv")
summary <- read(run, "summary.csv")
known <- summary[summary$scope_kind == "total" & summary$kpi == "hours_lost", ]
arms <- unique(runs$arm)
picture("replications.png", height = 220 + 70 * length(arms))
par(mar = c(4.2, 8, 2.6, 1))
reach <- c(runs$hours_lost, known$mean - known$half_width, known$mean + known$half_width)
plot(range(reach, na.rm = TRUE), c(0.5, length(arms) + 0.5), type = "n", yaxt = "n", xaxt = "n", xlab = "learning hours lost (strokes: replications; dot and bar: mean and 95 % interval)", ylab = "", main = "Hours lost, replication by replication")
axis(1, at = axTicks(1), labels = big(axTicks(1)))
axis(2, at = seq_along(arms), labels = arms, tick = FALSE)
for (i in seq_along(arms)) {
  lost <- runs$hours_lost[runs$arm == arms[i]]
  one <- known[known$arm == arms[i], ]
  stopifnot(abs(mean(lost) - one$mean) <= 1e-9 * abs(one$mean)) # the summary is the mean of the runs
  points(lost, rep(i, length(lost)), pch = "|", col = soft, cex = 1.4)
  if (!is.na(one$half_width)) segments(one$mean - one$half_width, i, one$mean + one$half_width, i, col = blue, lwd = 2)
  points(one$mean, i, pch = 19, col = blue, cex = 1.3)
  cat(sprintf("%s: %s hours lost, interval +- %s, %d replications\n", arms[i], big(round(one$mean)), big(round(one$half_width)), length(lost)))
}
invisible(dev.off())

# 2. Points of a sweep: which setting?
points_of <- read(sweep, "points.csv")
columns <- read(sweep, "columns.csv")
columns <- columns[columns$file == "points.csv", ]
factors <- columns$column[grepl("^(lever|uncertainty): ", columns$meaning)]
if (length(factors) == 0) stop(sweep, " varies nothing that could be on an axis: give the experiment a lever or an uncertainty", call. = FALSE)
# Behind the factors come the runs that went well, those that failed, and then the measures.
kpi <- columns$column[1 + length(factors) + 3]
unit <- columns$unit[columns$column == kpi]
value <- points_of[[kpi]]
in_classes <- function(x) {
  if (!is.numeric(x)) return(factor(x, levels = unique(x)))
  if (length(unique(x)) > 9) return(cut(x, unique(quantile(x, 0:6 / 6)), include.lowest = TRUE, dig.lab = 3))
  levels <- sort(unique(x))
  factor(x, levels = levels, labels = big(signif(levels, 3)))
}
settings <- lapply(points_of[factors], in_classes)
reach <- sapply(settings, function(by) diff(range(tapply(value, by, mean, na.rm = TRUE), na.rm = TRUE)))
most <- order(reach, decreasing = TRUE)[seq_len(min(2, length(factors)))]
across <- factors[most[1]]
up <- factors[most[length(most)]]
cells <- tapply(value, list(settings[[across]], settings[[up]]), mean, na.rm = TRUE)
picture("heat-map.png", height = 520)
par(mar = c(4.2, 7, 2.6, 1), bty = "n")
shades <- colorRampPalette(c("#deebf3", "#fbdfa8", "#f3ab5b", "#bf4f0c", "#7f2704"))(64)
image(seq_len(nrow(cells)), seq_len(ncol(cells)), cells, col = shades, axes = FALSE, xlab = across, ylab = "", main = sprintf("%s (%s); up: %s", kpi, unit, up))
axis(1, at = seq_len(nrow(cells)), labels = rownames(cells), tick = FALSE)
axis(2, at = seq_len(ncol(cells)), labels = colnames(cells), tick = FALSE)
abline(v = seq_len(nrow(cells) + 1) - 0.5, h = seq_len(ncol(cells) + 1) - 0.5, col = "white", lwd = 2)
dark <- cells > min(cells, na.rm = TRUE) + 0.62 * diff(range(cells, na.rm = TRUE))
text(row(cells), col(cells), ifelse(is.na(cells), "", big(signif(cells, 4))), col = ifelse(dark, "white", "#22262a"), cex = 0.85)
invisible(dev.off())
least <- which.min(value)
cat(sprintf("least %s: %s %s at %s\n", kpi, big(signif(value[least], 4)), unit, paste(factors, unlist(points_of[least, factors]), collapse = ", ")))

# 3. A day of a service: what happened at the door?
series <- read(run, "series.csv")
refused <- intersect(c("refused_quota", "refused_full", "timeouts"), names(series))
day <- series[series$arm == arms[1], ]
total <- tapply(rowSums(day[refused]), day$service, sum)
service <- names(which.max(total))
day <- day[day$service == service, ]
when <- as.POSIXct(substr(day$from, 1, 19), format = "%Y-%m-%dT%H:%M:%S", tz = "UTC") # civil time of the place
first <- as.POSIXct(format(min(when[day$knocks > 0]), "%Y-%m-%d"), tz = "UTC")
shown <- when >= first + 6 * 3600 & when <= first + 22 * 3600
if (sum(shown) < 2) shown <- rep(TRUE, length(when)) # a run that ends before the morning is shown whole
day <- day[shown, ]
when <- when[shown]
per_minute <- if (length(when) < 2) 1 else 60 / as.numeric(difftime(when[2], when[1], units = "secs"))
parts <- as.matrix(day[c("logins", refused)]) * per_minute
tops <- t(apply(parts, 1, cumsum))
picture("day.png", height = 720)
par(mfrow = c(2, 1), mar = c(2.6, 5.2, 2.6, 1))
plot(range(when), c(0, max(tops) * 1.05), type = "n", xlab = "", ylab = "", yaxt = "n", xaxt = "n", yaxs = "i", main = sprintf("%s, %s: knocks a minute", service, format(first, "%Y-%m-%d")))
axis(2, at = axTicks(2), labels = big(axTicks(2)))
axis.POSIXct(1, at = seq(first, first + 24 * 3600, by = 2 * 3600), format = "%H:%M")
colours <- c("#9ec7e3", orange, vermilion, purple)
for (k in rev(seq_len(ncol(tops)))) polygon(c(when, rev(when)), c(tops[, k], rep(0, length(when))), col = colours[k], border = NA)
legend("topright", legend = gsub("_", ": ", sub("logins", "logged in", colnames(parts))), fill = colours, border = NA, bty = "n", ncol = 2, cex = 0.85)
waiting <- day$room + day$orbit
plot(range(when), c(0, max(waiting, day$sessions, day$cap, na.rm = TRUE) * 1.1), type = "n", xlab = "", ylab = "", yaxt = "n", xaxt = "n", yaxs = "i", main = "people: inside, and waiting outside")
axis(2, at = axTicks(2), labels = big(axTicks(2)))
axis.POSIXct(1, at = seq(first, first + 24 * 3600, by = 2 * 3600), format = "%H:%M")
polygon(c(when, rev(when)), c(waiting, rep(0, length(when))), col = adjustcolor(sky, 0.5), border = NA)
lines(when, day$sessions, col = blue, lwd = 2)
if (max(day$cap) > 0) lines(when, day$cap, lty = 2)
legend("topright", legend = c("sessions", "quota", "waiting outside"), col = c(blue, "black", sky), lty = c(1, 2, 1), lwd = c(2, 1, 8), bty = "n", ncol = 3, cex = 0.85)
invisible(dev.off())
cat(sprintf("%s: %s logins of %s knocks between %s and %s\n", service, big(sum(day$logins)), big(sum(day$knocks)), format(min(when), "%H:%M"), format(max(when), "%H:%M")))
